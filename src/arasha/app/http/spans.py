"""Requests and commits as spans for OpenTelemetry, where somebody wants them.

In: a request that was answered, a batch that was committed. Out: spans, sent by a thread of their
own to a collector (OTLP over HTTP). A span says which route, which status, how long, and the
request's id, which is in the journal and in the answer, too; never what stood in a message or who
sent it. Of a caller's context only ``traceparent`` is taken (W3C Trace Context): ``tracestate`` may
hold anything. Without an address nothing here is imported.
"""

from __future__ import annotations

import logging
import os
import time
from typing import Final, Protocol

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from arasha import __version__
from arasha.app.http.journal import Journal
from arasha.engine.live import Batch

SHARE: Final = 0.01
"""Share of requests and commits that become spans, where OTEL_TRACES_SAMPLER says nothing."""

TIMEOUT_S: Final = 3.0
"""How long a collector is waited for, seconds; also when the service stops."""

MAX_WAITING: Final = 8_192
"""Spans that may wait to be sent; beyond it they are dropped."""

COMPLAINTS_S: Final = 60.0
"""A collector that cannot be reached is complained of once in so many seconds."""


class Answered(Protocol):
    """A request that was answered, as far as a span tells of it."""

    route: str
    request_id: str
    arrived_ns: int

    @property
    def method(self) -> str:
        """GET, POST and so on."""

    def header(self, name: bytes) -> bytes | None:
        """The value of a header."""


class Spans:
    """The spans of one service. Any thread may call it."""

    def __init__(self, address: str | None, journal: Journal) -> None:
        """``address`` of the collector; None leaves it to OTEL_EXPORTER_OTLP_ENDPOINT."""
        _complain_to(journal)
        endpoint = None if address is None else f"{address.rstrip('/')}/v1/traces"
        exporter = OTLPSpanExporter(endpoint=endpoint, timeout=TIMEOUT_S)
        self._provider = TracerProvider(
            sampler=None if os.environ.get("OTEL_TRACES_SAMPLER") else _sampler(),
            resource=Resource.create({"service.name": "arasha", "service.version": __version__}),
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(
            BatchSpanProcessor(
                exporter, max_queue_size=MAX_WAITING, export_timeout_millis=1000 * TIMEOUT_S
            )
        )
        self._tracer = self._provider.get_tracer("arasha", __version__)
        self._contexts = TraceContextTextMapPropagator()

    def answered(self, request: Answered, status: int) -> None:
        """A request was answered, just now."""
        parent = request.header(b"traceparent")
        context = None
        if parent is not None:
            context = self._contexts.extract({"traceparent": parent.decode("latin-1")})
        end_ns = time.time_ns()
        span = self._tracer.start_span(
            f"{request.method} {request.route}",
            context,
            SpanKind.SERVER,
            {
                "http.request.method": request.method,
                "http.route": request.route,
                "http.response.status_code": status,
                "arasha.request_id": request.request_id,
            },
            start_time=end_ns - (time.perf_counter_ns() - request.arrived_ns),
        )
        if status >= 500:
            span.set_status(Status(StatusCode.ERROR))
        span.end(end_ns)

    def committed(self, batch: Batch) -> None:
        """A batch was committed, just now."""
        end_ns = time.time_ns()
        self._tracer.start_span(
            "commit",
            attributes={
                "arasha.facts": len(batch.answers),
                "arasha.waited_ms": batch.waited_ns / 1e6,
                "arasha.commit_ms": batch.committed_ns / 1e6,
            },
            start_time=end_ns - batch.decided_ns,
        ).end(end_ns)

    def close(self) -> None:
        """Send what is left, if the collector takes it in time."""
        self._provider.shutdown()


def _sampler() -> ParentBasedTraceIdRatio:
    """As the caller does, else a share. A caller who samples everything is taken at its word."""
    text = os.environ.get("OTEL_TRACES_SAMPLER_ARG")
    try:
        return ParentBasedTraceIdRatio(SHARE if text is None else float(text))
    except ValueError:
        return ParentBasedTraceIdRatio(SHARE)


class _Complaints(logging.Handler):
    """What the library has to say becomes a line of the journal, now and then, without its text."""

    def __init__(self, journal: Journal) -> None:
        super().__init__(logging.WARNING)
        self._journal = journal
        self._next_s = 0.0

    def emit(self, record: logging.LogRecord) -> None:
        """Say that something is wrong with the spans."""
        if record.created >= self._next_s:
            self._next_s = record.created + COMPLAINTS_S
            self._journal.say("telemetry", result="spans could not be delivered", by=record.name)


def _complain_to(journal: Journal) -> None:
    logger = logging.getLogger("opentelemetry")
    logger.handlers = [_Complaints(journal)]
    logger.propagate = False
