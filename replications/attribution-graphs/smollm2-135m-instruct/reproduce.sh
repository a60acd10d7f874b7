#!/usr/bin/env bash
set -e; CDPATH= cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../../.."; make install
.venv/bin/harness rerun replications/attribution-graphs/smollm2-135m-instruct
