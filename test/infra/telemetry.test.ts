import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { parseProperties, type SynthesizedStage, synthesizeStage } from './synthesized.ts';

const layerArn = 'arn:aws:lambda:eu-central-1:123456789012:layer:AWSOpenTelemetryDistroJs:12';
const tracesEndpoint = 'https://collector.example.com/v1/traces';

const lambda = z.object({
  FunctionName: z.string(),
  Layers: z.array(z.unknown()).default([]),
  TracingConfig: z.object({ Mode: z.string() }),
  Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }),
});

const functionsOf = ({ api }: SynthesizedStage) => parseProperties(api, 'AWS::Lambda::Function', lambda);

/** Returns the variables that configure the layer, of those that a function has. */
function telemetryVariables({ Environment }: z.output<typeof lambda>) {
  const names = /^(OTEL_|AWS_LAMBDA_EXEC_WRAPPER$|AWS_REDACT_)/;
  return Object.fromEntries(Object.entries(Environment.Variables).filter(([name]) => names.test(name)));
}

const CALLBACK = 'connections-test-oauth-callback';
const isCallback = ({ FunctionName }: z.output<typeof lambda>) => FunctionName === CALLBACK;

const VARIABLES = {
  AWS_LAMBDA_EXEC_WRAPPER: '/opt/otel-instrument',
  AWS_REDACT_SPAN_ATTRIBUTES: 'url.full,url.query',
  OTEL_AWS_APPLICATION_SIGNALS_ENABLED: 'false',
  OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'http,undici',
  OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'aws-lambda',
  OTEL_PROPAGATORS: 'xray',
  OTEL_SERVICE_NAME: 'connections-test',
};

test('a stage without `telemetry` has nothing of OpenTelemetry', () => {
  for (const fn of functionsOf(synthesizeStage())) {
    expect(fn.Layers).toEqual([]);
    expect(telemetryVariables(fn)).toEqual({});
  }
});

describe('a stage with `telemetry`', () => {
  const functions = functionsOf(synthesizeStage({ telemetry: { layerArn } }));
  const traced = functions.filter((fn) => !isCallback(fn));

  test('starts every function through the layer, and keeps X-Ray', () => {
    expect(traced).toHaveLength(functions.length - 1);
    for (const fn of traced) {
      expect(fn).toMatchObject({ Layers: [layerArn], TracingConfig: { Mode: 'Active' } });
      expect(telemetryVariables(fn)).toEqual(VARIABLES);
    }
  });

  test('traces no authorization code: the callback of providers has no layer', () => {
    const [callback, ...others] = functions.filter(isCallback);
    expect(others).toEqual([]);
    expect(callback).toMatchObject({ Layers: [], TracingConfig: { Mode: 'Active' } });
    expect(callback && telemetryVariables(callback)).toEqual({});
  });
});

test('functions send traces to the endpoint of the settings, if there is one', () => {
  const functions = functionsOf(synthesizeStage({ telemetry: { layerArn, tracesEndpoint } }));
  for (const fn of functions.filter((one) => !isCallback(one))) {
    expect(telemetryVariables(fn)).toEqual({
      ...VARIABLES,
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: tracesEndpoint,
    });
  }
});

test('headers of the traces are a secret that CloudFormation reads: the template has its name alone', () => {
  const tracesHeaders = {
    secretName: 'platform/otlp',
    secretVersionId: '01234567-89ab-cdef-0123-456789abcdef',
  };
  const functions = functionsOf(synthesizeStage({ telemetry: { layerArn, tracesEndpoint, tracesHeaders } }));
  for (const fn of functions.filter((one) => !isCallback(one))) {
    expect(telemetryVariables(fn)).toMatchObject({
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: `{{resolve:secretsmanager:platform/otlp:SecretString:::${tracesHeaders.secretVersionId}}}`,
    });
  }
});
