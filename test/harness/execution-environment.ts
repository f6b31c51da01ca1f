let environment = 1;

/** Replaces `shared/runtime/lazy.ts` in tests: a value is kept until `newExecutionEnvironment`. */
export function lazy<T>(create: () => T): () => T {
  let created: { readonly value: T; readonly environment: number } | undefined;
  return () => {
    if (created?.environment !== environment) created = { value: create(), environment };
    return created.value;
  };
}

/**
 * Makes the functions of this process create their clients, ports and loggers anew, as in a new execution environment of
 * Lambda. To load their modules anew, and all that these import, takes a second for each file of tests.
 */
export function newExecutionEnvironment(): void {
  environment += 1;
}
