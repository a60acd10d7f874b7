#!/usr/bin/env bash
set -e; CDPATH= cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../../.."; make install
.venv/bin/harness rerun replications/geometry-of-truth/zachgoldfine44-qwen2.5-1.5b
