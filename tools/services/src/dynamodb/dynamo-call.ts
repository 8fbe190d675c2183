import { Agent, request } from 'node:http';

// Neither dynalite nor DynamoDB Local looks at more than its form.
const AUTHORIZATION =
  'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=00';

/**
 * Sends one request to a local DynamoDB and returns its answer; fails at an error answer. Without the AWS SDK, because
 * this package only waits for servers and drops what specs left.
 */
export function callDynamo(url: string, operation: string, input: object, timeoutMs = 60_000): Promise<unknown> {
  const body = JSON.stringify(input);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      {
        method: 'POST',
        agent: new Agent({ keepAlive: false }),
        timeout: timeoutMs,
        headers: {
          'content-type': 'application/x-amz-json-1.0',
          'content-length': Buffer.byteLength(body),
          'x-amz-target': `DynamoDB_20120810.${operation}`,
          'x-amz-date': '20260101T000000Z',
          authorization: AUTHORIZATION,
        },
      },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('error', reject);
        answer.on('data', (chunk: string) => (text += chunk));
        answer.on('end', () => {
          if (answer.statusCode === 200) resolve(JSON.parse(text));
          else reject(new Error(`${operation} was answered with ${answer.statusCode}: ${text.slice(0, 200)}`));
        });
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
