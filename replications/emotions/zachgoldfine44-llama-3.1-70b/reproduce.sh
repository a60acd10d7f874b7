#!/usr/bin/env bash
set -e; CDPATH= cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../../.."; make install
.venv/bin/harness rerun replications/emotions/zachgoldfine44-llama-3.1-70b
