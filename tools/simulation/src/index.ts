export { CopyMemory, MemoryCopies } from './failover/copy-memory.ts';
export { SimulatedWarehouse } from './pool/simulated-warehouse.ts';
export type { WarehouseFaults } from './pool/simulated-warehouse.ts';
export type { ScaleFigures } from './scale/scale-setting.ts';
export type { ScaleReport } from './scale/scale-tables.ts';
