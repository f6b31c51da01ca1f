import * as z from 'zod';

/** OpenTelemetry traces of functions, beside those of X-Ray (docs/operations.md, "Traces by OpenTelemetry"). */
export const telemetrySettings = z.strictObject({
  /**
   * ARN of a version of the layer `AWSOpenTelemetryDistroJs` in the stage's Region, of AWS or a copy of one's own. It must
   * support handlers that are ES modules, on Node.js 24.
   * https://aws-otel.github.io/docs/getting-started/lambda
   */
  layerArn: z
    .string()
    .regex(/^arn:[a-z-]+:lambda:[a-z0-9-]+:\d{12}:layer:[\w-]+:\d+$/, "must be the ARN of a layer's version"),
  /**
   * Address that receives traces by OTLP over HTTP, such as `https://collector.example.com/v1/traces`; functions send no
   * key with them. Without it, they send traces to X-Ray.
   */
  tracesEndpoint: z.url({ protocol: /^https$/, error: 'must be an https URL' }).optional(),
});

/** OpenTelemetry settings of a stage. */
export type TelemetrySettings = z.output<typeof telemetrySettings>;
