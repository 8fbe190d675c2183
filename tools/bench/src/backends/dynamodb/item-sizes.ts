type Value = Readonly<Record<string, unknown>>;
type Attributes = Readonly<Record<string, Value>>;

/** Attributes that the table's indexes repeat: keys only, of the table and of each index. */
const INDEXED: readonly (readonly string[])[] = [
  ['pk', 'sk', 'ix'],
  ['pk', 'sk', 'dueIn', 'dueAt'],
];

/**
 * Bytes of a value as DynamoDB counts them: a number takes a byte for each two digits and one more, a list three bytes and
 * one for each element (DynamoDB Developer Guide, "Item sizes and formats").
 */
function bytesOfValue({ S, N, B, L, BOOL }: Value): number {
  if (typeof S === 'string') return Buffer.byteLength(S);
  if (typeof N === 'string') return Math.ceil(N.replace(/^-|\.|0+$/g, '').length / 2) + 1;
  if (typeof B === 'string') return Buffer.from(B, 'base64').length;
  if (Array.isArray(L)) return 3 + (L as Value[]).reduce((sum, one) => sum + 1 + bytesOfValue(one), 0);
  if (typeof BOOL === 'boolean') return 1;
  throw new Error('an item has a value of a type that is not counted');
}

function bytesOf(attributes: Attributes, names: readonly string[]): number {
  return names.reduce((sum, name) => {
    const value = attributes[name];
    return value === undefined ? sum : sum + Buffer.byteLength(name) + bytesOfValue(value);
  }, 0);
}

/** An item with its entries in the indexes. */
export function bytesOfItem(item: Attributes): number {
  return [Object.keys(item), ...INDEXED].reduce((sum, names) => sum + bytesOf(item, names), 0);
}

/** Of a whole table, read from an emulator, which does not look at signatures. */
export async function bytesOfTable(url: string, table: string): Promise<number> {
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': 'DynamoDB_20120810.Scan',
    'x-amz-date': '20260101T000000Z',
    authorization:
      'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=00',
  };
  let bytes = 0;
  let after: unknown;
  do {
    const body = JSON.stringify({ TableName: table, ...(after === undefined ? {} : { ExclusiveStartKey: after }) });
    const response = await fetch(url, { method: 'POST', headers, body });
    if (!response.ok) throw new Error(`a scan was answered with ${response.status}`);
    const page = (await response.json()) as { Items: Attributes[]; LastEvaluatedKey?: unknown };
    for (const item of page.Items) bytes += bytesOfItem(item);
    after = page.LastEvaluatedKey;
  } while (after !== undefined);
  return bytes;
}
