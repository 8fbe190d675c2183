/** The object with some of its members replaced. */
export function replaced<T extends object>(target: T, members: Partial<T>): T {
  return new Proxy(target, {
    get(object, name) {
      if (Object.hasOwn(members, name)) return members[name as keyof T];
      const member: unknown = Reflect.get(object, name);
      return typeof member === 'function' ? (member.bind(object) as unknown) : member;
    },
  });
}
