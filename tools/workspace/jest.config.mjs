import preset from '../../jest.preset.mjs';

export default { ...preset, roots: ['<rootDir>'], testMatch: ['**/*.spec.mjs'], transform: {} };
