/** Events over a chart: dashed lines and regions, with a mark below that tells of them. */
import { css } from '@emotion/css';
import { colorManipulator, dateTimeFormat, textUtil } from '@grafana/data';
import { Tag, Tooltip, type UPlotConfigBuilder, useTheme2 } from '@grafana/ui';
import { useLayoutEffect, useRef, useState } from 'react';
import type uPlot from 'uplot';

import type { AnnotationEvent } from '../contract';
import { useDashboard } from '../dashboard/context';

interface Event extends AnnotationEvent {
  color: string;
  name: string;
}

interface Mark {
  event: Event;
  left: number;
  /** Width of a region; 0 of a moment. */
  width: number;
}

interface Marks {
  top: number;
  marks: Mark[];
}

function marksOf(u: uPlot, events: Event[]): Marks {
  const ratio = u.ctx.canvas.width / u.width;
  const left = u.bbox.left / ratio;
  const right = left + u.bbox.width / ratio;
  const marks: Mark[] = [];
  for (const event of events) {
    const from = left + u.valToPos(event.time, 'x');
    const to = event.timeEnd ? left + u.valToPos(event.timeEnd, 'x') : from;
    if (to < left || from > right) {
      continue;
    }
    const start = Math.max(from, left);
    marks.push({ event, left: start, width: Math.min(to, right) - start });
  }
  return { top: (u.bbox.top + u.bbox.height) / ratio, marks };
}

function draw(u: uPlot, events: Event[]) {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.lineWidth = 2;
  ctx.setLineDash([5, 5]);
  for (const event of events) {
    const line = (x: number) => {
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.strokeStyle = event.color;
      ctx.stroke();
    };
    const from = u.valToPos(event.time, 'x', true);
    line(from);
    if (event.timeEnd && event.timeEnd > event.time) {
      const to = u.valToPos(event.timeEnd, 'x', true);
      line(to);
      ctx.fillStyle = colorManipulator.alpha(event.color, 0.1);
      ctx.fillRect(from, bbox.top, to - from, bbox.height);
    }
  }
  ctx.restore();
}

const point = css({
  position: 'absolute',
  width: 0,
  height: 0,
  transform: 'translateX(-50%)',
  borderLeft: '5px solid transparent',
  borderRight: '5px solid transparent',
  borderBottomWidth: 5,
  borderBottomStyle: 'solid',
  zIndex: 1,
});

const region = css({ position: 'absolute', height: 5, minWidth: 2, zIndex: 1 });
const content = css({ maxWidth: 400, overflowWrap: 'anywhere', whiteSpace: 'normal' });

function Content({ event, timeZone }: { event: Event; timeZone: string }) {
  const time = (ms: number) => dateTimeFormat(ms, { timeZone });
  return (
    <div className={content} data-testid="annotation-tooltip">
      <div>{event.timeEnd && event.timeEnd > event.time ? `${time(event.time)} - ${time(event.timeEnd)}` : time(event.time)}</div>
      {event.title && <strong>{event.title}</strong>}
      {event.text && <div dangerouslySetInnerHTML={{ __html: textUtil.sanitize(event.text) }} />}
      {event.tags?.map((tag) => <Tag key={tag} name={tag} />)}
    </div>
  );
}

export function AnnotationsPlugin({ config, timeZone, interactive }: { config: UPlotConfigBuilder; timeZone: string; interactive: boolean }) {
  const { annotations } = useDashboard();
  const theme = useTheme2();
  const events: Event[] = annotations.flatMap((series) =>
    series.events.map((event) => ({ ...event, name: series.name, color: theme.visualization.getColorByName(series.color) }))
  );
  const latest = useRef(events);
  latest.current = events;
  const plot = useRef<uPlot>(null);
  const [marks, setMarks] = useState<Marks>({ top: 0, marks: [] });

  useLayoutEffect(() => {
    config.addHook('init', (u) => {
      plot.current = u;
    });
    config.addHook('draw', (u) => {
      draw(u, latest.current);
      const now = marksOf(u, latest.current);
      setMarks((before) => (JSON.stringify(before) === JSON.stringify(now) ? before : now));
    });
  }, [config]);
  useLayoutEffect(() => {
    plot.current?.redraw(false, false);
  }, [annotations]);

  return marks.marks.map(({ event, left, width }, i) => {
    const mark =
      width > 0 ? (
        <div className={region} data-testid="annotation" style={{ left, top: marks.top, width, background: event.color }} />
      ) : (
        <div className={point} data-testid="annotation" style={{ left, top: marks.top, borderBottomColor: event.color }} />
      );
    return interactive ? (
      <Tooltip key={i} content={<Content event={event} timeZone={timeZone} />} interactive placement="bottom">
        {mark}
      </Tooltip>
    ) : (
      <span key={i}>{mark}</span>
    );
  });
}
