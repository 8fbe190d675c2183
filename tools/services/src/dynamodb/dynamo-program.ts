/**
 * Runs dynalite, its arguments the path of its module and its options as JSON. A client that goes away amid a request
 * makes it throw; that must not end it for the others.
 */
export const DYNAMO_PROGRAM = `
const [module, options] = process.argv.slice(1);
const { port, ...settings } = JSON.parse(options);
process.on('uncaughtException', (error) => {
  if (error.code === 'ECONNRESET' || error.code === 'EPIPE') return;
  console.error(error);
  process.exit(1);
});
const server = require(module)(settings);
server.keepAliveTimeout = 60_000;
server.on('error', (error) => {
  console.error(error);
  process.exit(1);
});
server.listen(port, '127.0.0.1', () => console.log('listening'));
`;
