const KEBAB_CASE = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/** What `banned-names` of tools/checks refuses in a path; its spec compares the two lists. */
export const BANNED = ['common', 'shared', 'util', 'utils', 'helper', 'helpers', 'core', 'base', 'misc'];

function explainName(name) {
  if (!KEBAB_CASE.test(name)) return 'a name is kebab-case and begins with a letter, such as "my-database"';
  const parts = name.split('-');
  if (parts.includes('store')) return 'leave out "store": the package and its files get it';
  const banned = parts.find((part) => BANNED.includes(part));
  if (banned !== undefined) return `"${banned}" says nothing; name what the sessions are kept in`;
  return parts[0] === 'i' ? 'its classes would begin with I, as interfaces do elsewhere' : undefined;
}

/**
 * How an adapter is called in paths, in code and in documents.
 * @param {string} name as in `packages/store-<name>`
 * @throws Error that says why it can't be called so
 */
export function namesOf(name) {
  const reason = explainName(name);
  if (reason !== undefined) throw new Error(`No store can be called ${JSON.stringify(name)}: ${reason}.`);
  const className = name.replaceAll(/(?:^|-)([a-z0-9])/g, (_, letter) => letter.toUpperCase());
  const title = name[0].toUpperCase() + name.slice(1).replaceAll('-', ' ');
  const variable = className[0].toLowerCase() + className.slice(1);
  return { name, className, variable, title };
}
