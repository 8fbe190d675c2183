import type { Metrics } from '@mooring/nest-runtime';
import type { PasswordHasher } from '@mooring/users';

export function observePasswords(metrics: Metrics, passwords: PasswordHasher): void {
  metrics.gauge({
    name: 'mooring_auth_password_hashes_running',
    help: 'Passwords that are looked at right now.',
    collect() {
      this.set(passwords.running);
    },
  });
  metrics.gauge({
    name: 'mooring_auth_password_hashes_waiting',
    help: 'Passwords that wait for their turn.',
    collect() {
      this.set(passwords.waiting);
    },
  });
  metrics.counter({
    name: 'mooring_auth_password_hashes_total',
    help: 'Passwords that were hashed or looked at, those of nobody too.',
    collect() {
      this.reset();
      this.inc(passwords.total);
    },
  });
}
