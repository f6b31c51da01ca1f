import { expect, test, vi } from 'vitest';

// Tests of functions run with a replacement that can make its values anew: see `renewed-values.ts`.
const { lazy } = await vi.importActual<typeof import('../../../shared/runtime/lazy.ts')>(
  '../../../shared/runtime/lazy.ts',
);

test('a value is created at the first call, and kept', () => {
  const create = vi.fn(() => ({}));
  const value = lazy(create);
  expect(create).not.toHaveBeenCalled();
  expect(value()).toBe(value());
  expect(create).toHaveBeenCalledOnce();
});

test('undefined is kept as well, and a failure is not', () => {
  const create = vi.fn<() => undefined>().mockImplementationOnce(() => {
    throw new Error('Not yet.');
  });
  const value = lazy(create);
  expect(value).toThrow('Not yet.');
  expect([value(), value()]).toEqual([undefined, undefined]);
  expect(create).toHaveBeenCalledTimes(2);
});
