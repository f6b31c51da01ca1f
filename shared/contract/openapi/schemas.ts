import * as z from 'zod/mini';
import { DEFAULT_LIMIT, limit, limitOrAll, MAX_LIMIT } from '../http/schemas/primitives.ts';

/** A JSON Schema of the 2020-12 dialect, as OpenAPI 3.1 uses it. */
export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** Side of a schema: what a caller may send, or what a response holds. */
type Side = 'input' | 'output';

/** Writes schemas, and collects named ones as components. */
export interface SchemaWriter {
  /** Returns the JSON Schema of one side of a schema; a reference to a component if the schema has an id. */
  write(schema: z.ZodMiniType, side: Side): JsonSchema;
  /** Adds the input side of a schema as a component, and returns a reference to it. */
  writeRequest(name: string, schema: z.ZodMiniType): JsonSchema;
  /** Returns all components so far, by name. */
  components(): Readonly<Record<string, JsonSchema>>;
}

/** Creates a writer without components. */
export function schemaWriter(): SchemaWriter {
  const components = new Map<string, JsonSchema>();
  const write = (schema: z.ZodMiniType, side: Side): JsonSchema => {
    const {
      $schema: _,
      $defs = {},
      ...root
    } = z.toJSONSchema(schema, { io: side, override: forClients(side) });
    for (const [name, definition] of Object.entries($defs))
      components.set(name, withComponentRefs(definition));
    return withComponentRefs(root);
  };
  return {
    write,
    writeRequest: (name, schema) => {
      components.set(name, write(schema, 'input'));
      return reference(name);
    },
    components: () => Object.fromEntries([...components].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** Returns a reference to a component. */
export function reference(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

/** Rewrites what zod's JSON Schema says about JavaScript into what a client needs. */
const forClients =
  (side: Side): NonNullable<z.core.ToJSONSchemaParams['override']> =>
  ({ zodSchema, jsonSchema }) => {
    if (zodSchema === limit || zodSchema === limitOrAll) {
      for (const key of ['pattern', 'format']) Reflect.deleteProperty(jsonSchema, key);
      Object.assign(jsonSchema, { type: 'integer', minimum: 1, maximum: MAX_LIMIT });
      if (zodSchema === limit) jsonSchema.default = DEFAULT_LIMIT;
    }
    if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
    if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    // Responses may gain fields, and a client must not fail on a new one.
    if (side === 'output' && jsonSchema.additionalProperties === false)
      delete jsonSchema.additionalProperties;
  };

/** Returns the schema with its references pointing to the document's components. */
function withComponentRefs(schema: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/'));
}
