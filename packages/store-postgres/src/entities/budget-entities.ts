import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigint, text } from './columns.ts';

/** What was settled in a scope. */
@Entity({ name: 'mooring_budgets', synchronize: false })
export class BudgetEntity {
  @PrimaryColumn(text('namespace'))
  namespace!: string;

  @PrimaryColumn(text('tenant_id'))
  tenantId!: string;

  @PrimaryColumn(text('name'))
  name!: string;

  @Column(bigint('settled'))
  settled!: number;

  @Column(bigint('ends_at'))
  endsAt!: number;
}

/** A reservation and what became of it. */
@Entity({ name: 'mooring_reservations', synchronize: false })
export class ReservationEntity {
  @PrimaryColumn(text('namespace'))
  namespace!: string;

  @PrimaryColumn(text('tenant_id'))
  tenantId!: string;

  @PrimaryColumn(text('reservation_id'))
  reservationId!: string;

  @Column({ name: 'scopes', type: 'text', array: true })
  scopes!: string[];

  @Column(bigint('amount'))
  amount!: number;

  @Column(bigint('expires_at'))
  expiresAt!: number;

  @Column(bigint('keep_until'))
  keepUntil!: number;

  @Column(text('state'))
  state!: string;

  @Column({ name: 'usage', type: 'json' })
  usage!: unknown;
}

/** The part of a scope that a reservation holds. */
@Entity({ name: 'mooring_budget_holds', synchronize: false })
export class BudgetHoldEntity {
  @PrimaryColumn(text('namespace'))
  namespace!: string;

  @PrimaryColumn(text('tenant_id'))
  tenantId!: string;

  @PrimaryColumn(text('name'))
  name!: string;

  @PrimaryColumn(text('reservation_id'))
  reservationId!: string;

  @Column(bigint('amount'))
  amount!: number;

  @Column(bigint('expires_at'))
  expiresAt!: number;
}
