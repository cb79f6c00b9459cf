// Sends a gift, as one writes it first in Node.js: load, decide, one transaction. On the same tables,
// and without much of what the product does: limits, pace, debts, refusals that are decided again. The
// claims come from API Gateway's authorizer.
import { createHash } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, DynamoDBDocumentClient, GetCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';

const table = process.env.LEDGER_TABLE;
const client = DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint: process.env.DYNAMODB_ENDPOINT || undefined }));
let catalog;

const answer = (statusCode, body) => ({
  statusCode, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body),
});

export const handler = async (event) => {
  const user = event.requestContext.authorizer.jwt.claims.sub;
  const key = event.headers['idempotency-key'];
  const asked = JSON.parse(event.body);
  catalog ??= (await client.send(new GetCommand({ TableName: table, Key: { PK: 'CATALOG', SK: 'GIFTS' } }))).Item;
  const gift = catalog.items.find((item) => item.id === asked.gift_id);
  if (!gift) return answer(409, { code: 'gift_unavailable' });

  const keys = [
    { PK: `USER#${user}`, SK: 'WALLET' },
    { PK: `CREATOR#${asked.creator_id}`, SK: 'CREATOR' },
    { PK: `CREATOR#${asked.creator_id}`, SK: `BLOCK#${user}` },
  ];
  const loaded = await client.send(new BatchGetCommand({ RequestItems: { [table]: { Keys: keys } } }));
  const found = (SK) => loaded.Responses[table].find((item) => item.SK === SK);
  const [wallet, creator, block] = keys.map(({ SK }) => found(SK));
  if (!creator?.accepting || block?.blocked) return answer(409, { code: 'creator_not_accepting' });
  const coins = gift.coins * asked.quantity;
  if (!wallet || wallet.coins < coins) return answer(409, { code: 'insufficient_coins' });

  const after = {
    coins: wallet.coins - coins, out: wallet.out_total + coins, seq: wallet.last_seq + 1, version: wallet.version + 1,
  };
  const hash = (text) => createHash('sha256').update(text).digest('hex');
  const id = `sent_${hash(`${user}\0${key}`).slice(0, 32)}`;
  const at = new Date().toISOString();
  await client.send(new TransactWriteCommand({
    TransactItems: [
      {
        Update: {
          TableName: table, Key: keys[0],
          UpdateExpression: 'SET coins = :coins, out_total = :out, last_seq = :seq, version = :version',
          ConditionExpression: 'version = :loaded AND coins >= :cost',
          ExpressionAttributeValues: {
            ':coins': after.coins, ':out': after.out, ':seq': after.seq, ':version': after.version,
            ':loaded': wallet.version, ':cost': coins,
          },
        },
      },
      {
        Put: {
          TableName: table,
          Item: {
            PK: `USER#${user}`, SK: `ENTRY#gift#${key}`, seq: after.seq, change: -coins, coins_after: after.coins,
            debt_after: wallet.debt, in_total: wallet.in_total, out_total: after.out, at, input_hash: hash(event.body),
            sent_gift: id, gift: gift.id, quantity: asked.quantity, creator: asked.creator_id,
            target_kind: asked.target.kind, target: asked.target.id, coins, diamonds: coins,
          },
          ConditionExpression: 'attribute_not_exists(PK)',
        },
      },
    ],
  }));
  return answer(201, { id, gift_id: gift.id, quantity: asked.quantity, coins, balance_after: after.coins, seq: after.seq, at });
};
