"""Sends a gift, as one writes it first in Python: load, decide, one transaction. On the same tables,
and without much of what the product does: limits, pace, debts, refusals that are decided again. The
claims come from API Gateway's authorizer.
"""

import hashlib
import json
import os
from datetime import datetime, timezone

import boto3

table_name = os.environ["LEDGER_TABLE"]
dynamodb = boto3.resource("dynamodb", endpoint_url=os.environ.get("DYNAMODB_ENDPOINT") or None)
table = dynamodb.Table(table_name)
catalog = None


def answer(status, body):
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": json.dumps(body)}


def handler(event, _context):
    global catalog
    user = event["requestContext"]["authorizer"]["jwt"]["claims"]["sub"]
    key = event["headers"]["idempotency-key"]
    asked = json.loads(event["body"])
    if catalog is None:
        catalog = table.get_item(Key={"PK": "CATALOG", "SK": "GIFTS"})["Item"]
    gift = next((gift for gift in catalog["items"] if gift["id"] == asked["gift_id"]), None)
    if gift is None:
        return answer(409, {"code": "gift_unavailable"})

    creator_pk = f"CREATOR#{asked['creator_id']}"
    wallet_key = {"PK": f"USER#{user}", "SK": "WALLET"}
    keys = [wallet_key, {"PK": creator_pk, "SK": "CREATOR"}, {"PK": creator_pk, "SK": f"BLOCK#{user}"}]
    loaded = dynamodb.batch_get_item(RequestItems={table_name: {"Keys": keys}})["Responses"][table_name]
    by_key = {item["SK"]: item for item in loaded}
    wallet, creator, block = (by_key.get(wanted["SK"]) for wanted in keys)
    if not creator or not creator["accepting"] or (block and block["blocked"]):
        return answer(409, {"code": "creator_not_accepting"})
    coins = int(gift["coins"]) * asked["quantity"]
    if not wallet or wallet["coins"] < coins:
        return answer(409, {"code": "insufficient_coins"})

    left, seq = int(wallet["coins"]) - coins, int(wallet["last_seq"]) + 1
    out_total = int(wallet["out_total"]) + coins
    sent = "sent_" + hashlib.sha256(f"{user}\0{key}".encode()).hexdigest()[:32]
    at = datetime.now(timezone.utc).isoformat().replace("+00:00", "Z")
    update = {
        "TableName": table_name, "Key": wallet_key,
        "UpdateExpression": "SET coins = :coins, out_total = :out, last_seq = :seq, version = :version",
        "ConditionExpression": "version = :loaded AND coins >= :cost",
        "ExpressionAttributeValues": {
            ":coins": left, ":out": out_total, ":seq": seq, ":version": int(wallet["version"]) + 1,
            ":loaded": wallet["version"], ":cost": coins,
        },
    }
    entry = {
        "PK": f"USER#{user}", "SK": f"ENTRY#gift#{key}", "seq": seq, "change": -coins, "coins_after": left,
        "debt_after": wallet["debt"], "in_total": wallet["in_total"], "out_total": out_total, "at": at,
        "input_hash": hashlib.sha256(event["body"].encode()).hexdigest(), "sent_gift": sent, "gift": gift["id"],
        "quantity": asked["quantity"], "creator": asked["creator_id"], "target_kind": asked["target"]["kind"],
        "target": asked["target"]["id"], "coins": coins, "diamonds": coins,
    }
    put = {"TableName": table_name, "Item": entry, "ConditionExpression": "attribute_not_exists(PK)"}
    dynamodb.meta.client.transact_write_items(TransactItems=[{"Update": update}, {"Put": put}])
    return answer(201, {"id": sent, "gift_id": gift["id"], "quantity": asked["quantity"], "coins": coins,
                        "balance_after": left, "seq": seq, "at": at})
