import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

// `npm run docs`: runs every spec that has an adapter documented, then writes the page. Stops at the first failure.
const packages = fileURLToPath(new URL('../../../', import.meta.url));
const env = { ...process.env, MOORING_TEST_WRITE_DOCS: '1' };

function test(name, specs) {
  const { status } = spawnSync('npm', ['test', '--', '--runTestsByPath', ...specs], {
    cwd: join(packages, name),
    env,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}

for (const name of readdirSync(packages).filter((each) => each.startsWith('store-'))) {
  const source = join(packages, name, 'src');
  const specs = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.spec.ts') && readFileSync(join(source, path), 'utf8').includes('documented('),
  );
  if (specs.length > 0)
    test(
      name,
      specs.map((path) => join('src', path)),
    );
}
test('session-store-testkit', ['src/report/reference.spec.ts']);
