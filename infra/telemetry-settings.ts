import * as z from 'zod';
import { httpsUrl } from './identity-settings.ts';
import { secretReferenceFields } from './secret-reference.ts';

/** OpenTelemetry traces of functions, beside those of X-Ray (docs/operations.md, "Traces by OpenTelemetry"). */
export const telemetrySettings = z
  .strictObject({
    /**
     * ARN of a version of the layer `AWSOpenTelemetryDistroJs` in the stage's Region, of AWS or a copy of one's own. It must
     * support handlers that are ES modules, on Node.js 24.
     * https://aws-otel.github.io/docs/getting-started/lambda
     */
    layerArn: z
      .string()
      .regex(
        /^arn:[a-z-]+:lambda:[a-z0-9-]+:\d{12}:layer:[\w-]+:\d+$/,
        "must be the ARN of a layer's version",
      ),
    /**
     * Address that receives traces by OTLP over HTTP, such as `https://collector.example.com/v1/traces`. Without it,
     * functions send traces to X-Ray.
     */
    tracesEndpoint: httpsUrl.optional(),
    /**
     * Secret whose text is the headers of these requests, as the OpenTelemetry SDK reads them: `x-api-key=…`, or
     * `authorization=Bearer%20…`; several are separated by commas. It becomes an environment variable of functions: take a key
     * that can send traces and do nothing else (docs/operations.md).
     */
    tracesHeaders: z.strictObject(secretReferenceFields).optional(),
  })
  .refine(({ tracesEndpoint, tracesHeaders }) => !tracesHeaders || tracesEndpoint !== undefined, {
    path: ['tracesEndpoint'],
    error: 'must be set with tracesHeaders',
  });

/** OpenTelemetry settings of a stage. */
export type TelemetrySettings = z.output<typeof telemetrySettings>;
