#!/usr/bin/env bash
# Deploys the products service with nothing but the AWS CLI, to AWS or, with AWS_ENDPOINT_URL set, to updraft.
#
#   ./deploy.sh [python|node]
#
# Running it again brings what is there up to date. The last line it prints is the API's URL.
set -euo pipefail
export AWS_PAGER=""
here="$(cd "$(dirname "$0")" && pwd)"

language="${1:-python}"
name="${NAME:-products-$language}"
table="${TABLE_NAME:-$name}"
region="${AWS_REGION:-${AWS_DEFAULT_REGION:-us-east-1}}"
export AWS_REGION="$region" AWS_DEFAULT_REGION="$region"

case "$language" in
    python) runtime="${RUNTIME:-python3.13}" handler="app.handler" sources=("$here"/python/*.py) ;;
    node) runtime="${RUNTIME:-nodejs22.x}" handler="index.handler" sources=("$here"/node/*.mjs) ;;
    *) echo "usage: $0 [python|node]" >&2; exit 2 ;;
esac

scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT

say() { echo "· $*" >&2; }

account="$(aws sts get-caller-identity --query Account --output text)"
# On AWS this role must exist and allow the table's operations and logging.
role="${ROLE_ARN:-arn:aws:iam::$account:role/products-api}"

deploy_table() {
    if aws dynamodb describe-table --table-name "$table" >"$scratch/table" 2>&1; then
        say "table $table is there"
        return
    fi
    say "creating table $table"
    aws dynamodb create-table --table-name "$table" --billing-mode PAY_PER_REQUEST \
        --attribute-definitions AttributeName=id,AttributeType=S \
        --key-schema AttributeName=id,KeyType=HASH >"$scratch/table"
    aws dynamodb wait table-exists --table-name "$table"
}

pack() {
    python3 -m zipfile -c "$scratch/function.zip" "${sources[@]}"
}

deploy_function() {
    pack
    if aws lambda get-function --function-name "$name" >"$scratch/function" 2>&1; then
        say "updating function $name"
        aws lambda update-function-code --function-name "$name" --zip-file "fileb://$scratch/function.zip" >"$scratch/function"
        aws lambda wait function-updated-v2 --function-name "$name"
        return
    fi
    say "creating function $name ($runtime)"
    aws lambda create-function --function-name "$name" --runtime "$runtime" --handler "$handler" --role "$role" \
        --timeout 10 --memory-size 256 --environment "Variables={TABLE_NAME=$table}" \
        --zip-file "fileb://$scratch/function.zip" >"$scratch/function"
    aws lambda wait function-active-v2 --function-name "$name"
}

deploy_api() {
    api="$(aws apigatewayv2 get-apis --query "Items[?Name=='$name'].ApiId | [0]" --output text)"
    if [ "$api" != "None" ]; then
        say "API $api is there"
        return
    fi
    api="$(aws apigatewayv2 create-api --name "$name" --protocol-type HTTP --query ApiId --output text)"
    say "created API $api"
    local integration
    integration="$(aws apigatewayv2 create-integration --api-id "$api" --integration-type AWS_PROXY \
        --payload-format-version 2.0 --query IntegrationId --output text \
        --integration-uri "arn:aws:lambda:$region:$account:function:$name")"
    for route in "POST /products" "GET /products" "GET /products/{id}" "PUT /products/{id}" "DELETE /products/{id}"; do
        aws apigatewayv2 create-route --api-id "$api" --route-key "$route" --target "integrations/$integration" >"$scratch/route"
    done
    aws apigatewayv2 create-stage --api-id "$api" --stage-name '$default' --auto-deploy >"$scratch/stage"
    aws lambda add-permission --function-name "$name" --statement-id "api-$api" --action lambda:InvokeFunction \
        --principal apigateway.amazonaws.com --source-arn "arn:aws:execute-api:$region:$account:$api/*" >"$scratch/permission"
}

deploy_table
deploy_function
deploy_api
aws apigatewayv2 get-api --api-id "$api" --query ApiEndpoint --output text
