import { describe, expect, it } from '@jest/globals';
import { TenantPlaces } from './tenant-places.ts';

describe('places of a tenant', () => {
  it('are so many, and one that is given back is free', () => {
    const places = new TenantPlaces(2);
    const [first] = [places.take('acme'), places.take('acme')];
    expect(() => places.take('acme')).toThrow(expect.objectContaining({ code: 'engine_busy' }));
    places.take('globex')();
    first();
    places.take('acme');
    expect(() => places.take('acme')).toThrow(expect.objectContaining({ code: 'engine_busy' }));
  });
});
