#!/usr/bin/env bash
set -e; CDPATH= cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../../.."; make install
.venv/bin/harness rerun replications/induction-heads/smollm2-135m-instruct
