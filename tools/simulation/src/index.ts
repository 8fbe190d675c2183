export { CopyMemory, MemoryCopies } from './failover/copy-memory.ts';
export { SimulatedWarehouse } from './pool/simulated-warehouse.ts';
export type { WarehouseFaults } from './pool/simulated-warehouse.ts';
