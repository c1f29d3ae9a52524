#!/bin/sh
# One model by the environment; of a flag that is given twice the last one counts, so that
# arguments of the container go before these. exec: signals are the server's.
set -eu
name=${MODEL_NAME:-model}
exec tensorflow_model_server --port=8500 --rest_api_port=8501 \
    --model_name="$name" --model_base_path="${MODEL_BASE_PATH:-/models}/$name" "$@"
