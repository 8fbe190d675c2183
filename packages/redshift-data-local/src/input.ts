import { validation } from './errors.ts';

export type Json = Readonly<Record<string, unknown>>;

const ID = /^[a-z0-9]{8}(-[a-z0-9]{4}){3}-[a-z0-9]{12}(:\d{0,2})?$/;
const SESSION_ID = /^[a-z0-9]{8}(-[a-z0-9]{4}){3}-[a-z0-9]{12}$/;
const CLUSTER = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const WORKGROUP =
  /^(([a-z0-9-]{3,63})|(arn:(aws(-[a-z]+)*|eusc):redshift-serverless:[a-z0-9-]+:\d{12}:workgroup\/[a-z0-9-]+))$/;

/**
 * The members of a call, checked as they are read. Members that nobody reads are ignored, as newer SDKs send more. The
 * wording for broken constraints is the common one of AWS; what this service says is not known.
 */
export class Input {
  constructor(private readonly members: Json) {}

  has(name: string): boolean {
    return this.members[name] !== undefined && this.members[name] !== null;
  }

  text(name: string, options: { most?: number; least?: number } = {}): string | undefined {
    if (!this.has(name)) return undefined;
    const value = this.members[name];
    if (typeof value !== 'string') throw constraint(name, 'be a string');
    const { most = Number.POSITIVE_INFINITY, least = 0 } = options;
    if (value.length < least) throw constraint(name, `have length greater than or equal to ${least}`);
    if (value.length > most) throw constraint(name, `have length less than or equal to ${most}`);
    return value;
  }

  requiredText(name: string): string {
    const value = this.text(name);
    if (value === undefined || value.length === 0) throw constraint(name, 'not be null or empty');
    return value;
  }

  integer(name: string, least: number, most: number): number | undefined {
    if (!this.has(name)) return undefined;
    const value = this.members[name];
    if (typeof value !== 'number' || !Number.isInteger(value)) throw constraint(name, 'be an integer');
    if (value < least) throw constraint(name, `have value greater than or equal to ${least}`);
    if (value > most) throw constraint(name, `have value less than or equal to ${most}`);
    return value;
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.members[name];
    if (value === undefined || value === null) return otherwise;
    if (typeof value !== 'boolean') throw constraint(name, 'be a boolean');
    return value;
  }

  oneOf<Value extends string>(name: string, values: readonly Value[]): Value | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const found = values.find((one) => one.toUpperCase() === value.toUpperCase());
    if (found === undefined) throw constraint(name, `satisfy enum value set: [${values.join(', ')}]`);
    return found;
  }

  list(name: string): readonly unknown[] | undefined {
    if (!this.has(name)) return undefined;
    const value = this.members[name];
    if (!Array.isArray(value)) throw constraint(name, 'be a list');
    return value as unknown[];
  }

  statementId(): string {
    const id = this.requiredText('Id');
    if (!ID.test(id))
      throw validation('id must satisfy regex pattern: ^[a-z0-9]{8}(-[a-z0-9]{4}){3}-[a-z0-9]{12}(:\\d+)?$');
    return id;
  }

  sessionId(): string | undefined {
    const id = this.text('SessionId');
    if (id !== undefined && !SESSION_ID.test(id)) throw validation(`Session with Id: ${id.slice(0, 100)} is invalid`);
    return id;
  }

  /** The cluster or workgroup, both or neither of which is for the caller to judge. */
  targets(): { readonly cluster?: string; readonly workgroup?: string } {
    const cluster = this.text('ClusterIdentifier', { least: 1, most: 63 });
    const workgroup = this.text('WorkgroupName', { least: 3, most: 128 });
    if (cluster !== undefined && !CLUSTER.test(cluster)) throw constraint('ClusterIdentifier', 'satisfy its pattern');
    if (workgroup !== undefined && !WORKGROUP.test(workgroup)) throw constraint('WorkgroupName', 'satisfy its pattern');
    return { ...(cluster === undefined ? {} : { cluster }), ...(workgroup === undefined ? {} : { workgroup }) };
  }
}

export function constraint(name: string, must: string): Error {
  const member = name.charAt(0).toLowerCase() + name.slice(1);
  return validation(
    `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must ${must}`,
  );
}
