import { type Function as LambdaFunction, LayerVersion } from 'aws-cdk-lib/aws-lambda';
import { serviceName } from '../naming.ts';
import { referToSecret } from '../secret-reference.ts';
import type { Settings } from '../settings.ts';
import type { TelemetrySettings } from '../telemetry-settings.ts';

/**
 * Entry without OpenTelemetry: a span has the address of its request, and the callback's holds the authorization code and
 * the state.
 */
const UNTRACED_ENTRY = 'http/oauth/callback';

/** Starts a function through the OpenTelemetry layer of a stage with `telemetry`. */
export function addTelemetry(fn: LambdaFunction, entry: string, settings: Settings): void {
  const { telemetry } = settings;
  if (!telemetry || entry === UNTRACED_ENTRY) return;
  fn.addLayers(LayerVersion.fromLayerVersionArn(fn, 'Telemetry', telemetry.layerArn));
  for (const [name, value] of Object.entries(telemetryEnvironment(settings, telemetry))) {
    fn.addEnvironment(name, value);
  }
}

/**
 * Variables of the layer's start script, as far as its defaults do not fit.
 * https://github.com/aws-observability/aws-otel-js-instrumentation/blob/main/lambda-layer/packages/layer/scripts/otel-instrument
 */
function telemetryEnvironment(settings: Settings, { tracesEndpoint, tracesHeaders }: TelemetrySettings) {
  return {
    AWS_LAMBDA_EXEC_WRAPPER: '/opt/otel-instrument',
    OTEL_SERVICE_NAME: serviceName(settings),
    // A caller's `traceparent` and `baggage` are not trusted.
    OTEL_PROPAGATORS: 'xray',
    OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'aws-lambda',
    // The script adds `http` to those that are enabled. Addresses of providers may contain credentials.
    OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'http,undici',
    // Searches and cursors in addresses of requests.
    AWS_REDACT_SPAN_ATTRIBUTES: 'url.full,url.query',
    // Its metrics would repeat those of Lambda and API Gateway, at a price of their own.
    OTEL_AWS_APPLICATION_SIGNALS_ENABLED: 'false',
    // In Lambda, the layer ignores OTEL_EXPORTER_OTLP_ENDPOINT.
    ...(tracesEndpoint !== undefined && { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: tracesEndpoint }),
    // The layer's SDK reads headers from nowhere else.
    ...(tracesHeaders && { OTEL_EXPORTER_OTLP_TRACES_HEADERS: referToSecret(tracesHeaders).unsafeUnwrap() }),
  };
}
