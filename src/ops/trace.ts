import { AsyncLocalStorage } from 'node:async_hooks';
import type * as Otel from '@opentelemetry/api';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Log } from './log.ts';

/** One step of a trace, from when its work starts to when that is done. */
interface Step {
  name: string;
  /** `server` and `consumer` begin a trace where nothing led to them; the others are only ever part of one. */
  kind: 'server' | 'producer' | 'consumer' | 'client' | 'internal';
  /** W3C traceparent of what led to it. Unset: the step under way, but never for one that may begin a trace. */
  parent?: string | undefined;
  /** W3C traceparents of what else led to it. */
  links?: readonly string[];
  attributes?: Otel.Attributes;
}

/** Tells a collector of traces what belongs together. As in the log: ids only, nothing of a person. */
export interface Tracer {
  /** Does `work` as a step; the steps that it takes are below this one. `note` adds what is known only later. */
  step<T>(
    step: Step,
    work: (note: (attributes: Otel.Attributes) => void) => Promise<T>,
  ): Promise<T>;
  /** W3C traceparent of the step under way. */
  traceparent(): string | undefined;
  /** Sends what has not been sent. */
  close(): Promise<void>;
}

export const noTracer: Tracer = {
  step: (_step, work) => work(() => undefined),
  traceparent: () => undefined,
  close: () => Promise.resolve(),
};

/** `endpoint` is the base address of an OTLP collector; without one nothing is loaded, kept or sent. */
export async function openTracer({
  endpoint,
  instanceId,
  log,
}: {
  endpoint: string | undefined;
  instanceId: string;
  log: Log;
}): Promise<Tracer> {
  if (endpoint === undefined) return noTracer;
  const [api, sdk, { resourceFromAttributes }, { OTLPTraceExporter }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace-base'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/exporter-trace-otlp-http'),
  ]);
  const url = `${endpoint}/v1/traces`;
  const exporter = reporting(new OTLPTraceExporter({ url, timeoutMillis: sendMs }), log);
  const provider = new sdk.BasicTracerProvider({
    resource: resourceFromAttributes({
      'service.name': 'entra-mirror',
      'service.instance.id': instanceId,
    }),
    spanProcessors: [new sdk.BatchSpanProcessor(exporter, { exportTimeoutMillis: sendMs })],
  });
  return createTracer(api, provider.getTracer('entra-mirror'), () => provider.shutdown());
}

/** A collector that does not answer holds up the end of a process no longer than this. */
const sendMs = 5_000;

function createTracer(
  { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace }: typeof Otel,
  tracer: Otel.Tracer,
  close: () => Promise<void>,
): Tracer {
  const underWay = new AsyncLocalStorage<Otel.Span>();
  const kinds = {
    server: SpanKind.SERVER,
    producer: SpanKind.PRODUCER,
    consumer: SpanKind.CONSUMER,
    client: SpanKind.CLIENT,
    internal: SpanKind.INTERNAL,
  };
  const contextOf = ({ kind, parent }: Step): Otel.Context | undefined => {
    if (parent !== undefined) return trace.setSpanContext(ROOT_CONTEXT, spanContextOf(parent));
    if (kind === 'server' || kind === 'consumer') return ROOT_CONTEXT;
    const current = underWay.getStore();
    return current && trace.setSpan(ROOT_CONTEXT, current);
  };
  return {
    async step(step, work) {
      const context = contextOf(step);
      if (!context) return work(() => undefined);
      const { name, kind, attributes = {}, links = [] } = step;
      const linked = links.map((link) => ({ context: spanContextOf(link) }));
      const span = tracer.startSpan(
        name,
        { kind: kinds[kind], attributes, links: linked },
        context,
      );
      try {
        return await underWay.run(span, () => work((more) => void span.setAttributes(more)));
      } catch (error) {
        const message = error instanceof Error ? error.name : 'not an error';
        span.setStatus({ code: SpanStatusCode.ERROR, message });
        throw error;
      } finally {
        span.end();
      }
    },
    traceparent() {
      const current = underWay.getStore()?.spanContext();
      return current && `00-${current.traceId}-${current.spanId}-0${current.traceFlags}`;
    },
    close,
  };
}

function spanContextOf(traceparent: string) {
  const [, traceId = '', spanId = '', flags = ''] = traceparent.split('-');
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
}

/** The SDK keeps to itself that a collector takes nothing. */
function reporting(exporter: SpanExporter, log: Log): SpanExporter {
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const lost = spans.length;
        if (result.error) log.warn({ err: result.error, spans: lost }, 'traces not taken');
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
  };
}
