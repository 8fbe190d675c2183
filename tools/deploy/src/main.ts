import { collectApp } from './collect-app.ts';

const [app, target, ...rest] = process.argv.slice(2);
if (app === undefined || target === undefined || rest.length > 0) {
  process.stderr.write('Usage: node tools/deploy/dist/main.js <app folder> <new folder>\n');
  process.exit(2);
}
const { packages } = await collectApp('.', app, target);
process.stdout.write(`${app}: ${packages.length} packages\n`);
