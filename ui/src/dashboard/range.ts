/** Time ranges, with `now` as the server has it. */
import { dateMath, type DateTime, dateTime, dateTimeParse, rangeUtil, type RawTimeRange, type TimeRange } from '@grafana/data';
import moment from 'moment';

/** Lets `now` stand for a moment wherever @grafana/data asks for it: "3 minutes ago", ranges, the time picker. */
export function stopClock(at: number): void {
  moment.now = () => at;
}

export interface Clock {
  /** Milliseconds that `now` stands for; undefined for the browser's own clock. */
  fixed?: number;
  timeZone: string;
  fiscalYearStartMonth?: number;
}

function momentOf(raw: string | DateTime, roundUp: boolean, clock: Clock): DateTime {
  if (typeof raw !== 'string') {
    return raw;
  }
  if (raw.startsWith('now')) {
    const found = dateMath.toDateTime(raw, {
      roundUp,
      timezone: clock.timeZone,
      fiscalYearStartMonth: clock.fiscalYearStartMonth,
      now: clock.fixed,
    });
    if (found?.isValid()) {
      return found;
    }
    throw new Error(`${raw} is no time`);
  }
  const parsed = /^-?\d+$/.test(raw) ? dateTime(Number(raw)) : dateTimeParse(raw, { timeZone: clock.timeZone, roundUp });
  if (!parsed.isValid()) {
    throw new Error(`${raw} is no time`);
  }
  return parsed;
}

export function resolve(raw: RawTimeRange, clock: Clock): TimeRange {
  const from = momentOf(raw.from, false, clock);
  const to = momentOf(raw.to, true, clock);
  const kept = (given: string | DateTime, found: DateTime) =>
    typeof given === 'string' && given.startsWith('now') ? given : found;
  return { from, to, raw: { from: kept(raw.from, from), to: kept(raw.to, to) } };
}

export interface PanelRange {
  range: TimeRange;
  /** What the panel's header says of a range of its own. */
  info?: string;
}

/** The range of a panel that has its own (`timeFrom`) or is shifted (`timeShift`). */
export function panelRange(panel: { timeFrom?: string; timeShift?: string; hideTimeOverride?: boolean }, range: TimeRange, clock: Clock): PanelRange {
  let out = range;
  const info: string[] = [];
  const { timeFrom, timeShift } = panel;
  if (timeFrom) {
    const from = timeFrom.startsWith('now') ? timeFrom : `now-${timeFrom}`;
    // "now/d" is the whole of today
    const to = /^now(?:-\d+\w)?\/\w$/.test(from) ? from : 'now';
    out = resolve({ from, to }, clock);
    info.push(rangeUtil.describeTimeRange(out.raw, clock.timeZone));
  }
  if (timeShift) {
    const shift = (time: DateTime, roundUp: boolean) =>
      dateMath.parseDateMath(`-${timeShift.replace(/^-/, '')}`, dateTime(time), roundUp) ?? time;
    const from = shift(out.from, false);
    const to = shift(out.to, true);
    out = { from, to, raw: { from, to } };
    info.push(`timeshift -${timeShift.replace(/^-/, '')}`);
  }
  return { range: out, info: panel.hideTimeOverride || info.length === 0 ? undefined : info.join(' ') };
}
