import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigint, text } from './columns.ts';

/** A lease; it stays after its end until it is swept. */
@Entity({ name: 'mooring_leases', synchronize: false })
export class LeaseEntity {
  @PrimaryColumn(text('namespace'))
  namespace!: string;

  @PrimaryColumn(text('name'))
  name!: string;

  @Column(text('holder'))
  holder!: string;

  @Column(bigint('fencing_token'))
  fencingToken!: number;

  @Column(bigint('expires_at'))
  expiresAt!: number;
}

/** The highest fencing token that a sweep came with. */
@Entity({ name: 'mooring_fences', synchronize: false })
export class FenceEntity {
  @PrimaryColumn(text('namespace'))
  namespace!: string;

  @PrimaryColumn(text('lease'))
  lease!: string;

  @Column(bigint('fencing_token'))
  fencingToken!: number;
}
