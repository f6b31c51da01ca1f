import type { Clock } from '../../shared/domain/operation-context.ts';

/** A clock that the test moves. Each reading advances it by a millisecond, so that ids ascend in creation order. */
export class TestClock implements Clock {
  #now = Date.parse('2026-11-02T08:30:00.000Z');

  now(): Date {
    this.#now += 1;
    return new Date(this.#now);
  }

  advance(seconds: number): void {
    this.#now += seconds * 1_000;
  }
}
