/** Where panels stand: rows, repeats, and the grid, as Grafana lays a dashboard out. */
import type { DashboardJSON, GridPos, PanelJSON, Variable } from '../contract';

export interface PlacedPanel {
  /** Unlike the panel's id, one for each copy. */
  key: string;
  panel: PanelJSON;
  pos: GridPos;
  /** The value, for this copy, of each variable that the panel or its row is repeated for. */
  scoped: Record<string, { value: string; text: string }>;
}

export interface Section {
  key: string;
  /** Undefined for the panels above the first row. */
  row?: { title: string; collapsed: boolean; panels: number };
  scoped: PlacedPanel['scoped'];
  panels: PlacedPanel[];
}

const COLUMNS = 24;
/** Copies beside each other where the panel doesn't say how many. */
const MOST_PER_ROW = 4;

interface Choice {
  value: string;
  text: string;
}

/** The values that a repeat has a copy for. */
export function choices(variable: Variable | undefined): Choice[] {
  if (!variable) {
    return [];
  }
  const options = variable.options.filter((o) => o.value !== '$__all');
  const values = Array.isArray(variable.current.value) ? variable.current.value : [variable.current.value];
  if (values.includes('$__all')) {
    return options.map(({ value, text }) => ({ value, text }));
  }
  return values.map((value) => ({ value, text: options.find((o) => o.value === value)?.text ?? value }));
}

const collides = (a: GridPos, b: GridPos) =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

/** Each panel as high up as those before it let it, in the order in which they stand. */
export function compact(panels: PlacedPanel[]): PlacedPanel[] {
  const done: PlacedPanel[] = [];
  const order = [...panels].sort((a, b) => a.pos.y - b.pos.y || a.pos.x - b.pos.x);
  for (const panel of order) {
    const pos = { ...panel.pos, y: Math.min(panel.pos.y, bottom(done)) };
    while (pos.y > 0 && !done.some((d) => collides(d.pos, { ...pos, y: pos.y - 1 }))) {
      pos.y--;
    }
    for (let hit = done.find((d) => collides(d.pos, pos)); hit; hit = done.find((d) => collides(d.pos, pos))) {
      pos.y = hit.pos.y + hit.pos.h;
    }
    done.push({ ...panel, pos });
  }
  return done;
}

export function bottom(panels: PlacedPanel[]): number {
  return panels.reduce((most, p) => Math.max(most, p.pos.y + p.pos.h), 0);
}

/** A panel's copies share its place as one block: as wide as the grid where they stand beside each other. */
function copies(panel: PanelJSON, top: number, scoped: PlacedPanel['scoped'], prefix: string, variables: Variable[]): PlacedPanel[] {
  const pos = { ...panel.gridPos, y: panel.gridPos.y - top };
  const key = `${prefix}${panel.id}`;
  const variable = variables.find((v) => v.name === panel.repeat);
  if (!panel.repeat || !variable) {
    return [{ key, panel, pos, scoped }];
  }
  const values = scoped[panel.repeat] ? [scoped[panel.repeat]] : choices(variable);
  const across = panel.repeatDirection !== 'v';
  const columns = across ? Math.max(1, Math.min(values.length, panel.maxPerRow ?? MOST_PER_ROW)) : 1;
  const width = across ? COLUMNS / columns : pos.w;
  return values.map((choice, i) => ({
    key: `${key}/${choice.value}`,
    panel,
    pos: {
      x: across ? (i % columns) * width : pos.x,
      y: pos.y + Math.floor(i / columns) * pos.h,
      w: width,
      h: pos.h,
    },
    scoped: { ...scoped, [panel.repeat as string]: choice },
  }));
}

/** Copies of one panel move together, so that what stands below comes below all of them. */
function place(panels: PanelJSON[], top: number, scoped: PlacedPanel['scoped'], prefix: string, variables: Variable[]): PlacedPanel[] {
  const blocks: PlacedPanel[] = [];
  const inside = new Map<string, PlacedPanel[]>();
  for (const panel of panels) {
    const group = copies(panel, top, scoped, prefix, variables);
    if (group.length === 0) {
      continue;
    }
    const x = Math.min(...group.map((p) => p.pos.x));
    const y = Math.min(...group.map((p) => p.pos.y));
    const right = Math.max(...group.map((p) => p.pos.x + p.pos.w));
    const key = `${prefix}${panel.id}`;
    inside.set(key, group);
    blocks.push({ key, panel, scoped, pos: { x, y, w: right - x, h: bottom(group) - y } });
  }
  return compact(blocks).flatMap((block) => {
    const group = inside.get(block.key) ?? [];
    const x = Math.min(...group.map((p) => p.pos.x));
    const y = Math.min(...group.map((p) => p.pos.y));
    return group.map((p) => ({
      ...p,
      pos: { ...p.pos, x: p.pos.x - x + block.pos.x, y: p.pos.y - y + block.pos.y },
    }));
  });
}

interface RowOf {
  row?: PanelJSON;
  panels: PanelJSON[];
}

function rowsOf(panels: PanelJSON[]): RowOf[] {
  const out: RowOf[] = [{ panels: [] }];
  for (const panel of [...panels].sort((a, b) => a.gridPos.y - b.gridPos.y || a.gridPos.x - b.gridPos.x)) {
    if (panel.type === 'row') {
      out.push({ row: panel, panels: [...(panel.panels ?? [])] });
    } else {
      out[out.length - 1].panels.push(panel);
    }
  }
  return out;
}

/** The dashboard's rows, a copy for each value of the variable that a row is repeated for. */
export function sections(dashboard: DashboardJSON, variables: Variable[], isCollapsed: (key: string, saved: boolean) => boolean): Section[] {
  const out: Section[] = [];
  for (const { row, panels } of rowsOf(dashboard.panels)) {
    if (!row) {
      if (panels.length) {
        out.push({ key: 'top', scoped: {}, panels: place(panels, 0, {}, '', variables) });
      }
      continue;
    }
    const variable = row.repeat ? variables.find((v) => v.name === row.repeat) : undefined;
    const times = variable ? choices(variable) : [undefined];
    const top = row.gridPos.y + 1;
    for (const choice of times) {
      const scoped = choice && row.repeat ? { [row.repeat]: choice } : {};
      const key = choice ? `${row.id}/${choice.value}` : String(row.id);
      const collapsed = isCollapsed(key, Boolean(row.collapsed));
      out.push({
        key,
        row: { title: row.title ?? '', collapsed, panels: panels.length },
        scoped,
        panels: collapsed ? [] : place(panels, top, scoped, choice ? `${key}/` : '', variables),
      });
    }
  }
  return out;
}

/** A panel wherever it is, with its row's repeat. */
export function findPanel(dashboard: DashboardJSON, id: number): PanelJSON | undefined {
  for (const panel of dashboard.panels) {
    if (panel.id === id && panel.type !== 'row') {
      return panel;
    }
    const inside = panel.panels?.find((p) => p.id === id);
    if (inside) {
      return inside;
    }
  }
  return undefined;
}
