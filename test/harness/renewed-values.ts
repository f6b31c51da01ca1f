import { vi } from 'vitest';

vi.mock('../../shared/runtime/lazy.ts', () => import('./execution-environment.ts'));
