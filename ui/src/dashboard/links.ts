/** Addresses of links, with the range and the variables that they take along. */
import { type InterpolateFunction, textUtil, type TimeRange } from '@grafana/data';

import type { DashboardLink, Meta, Variable } from '../contract';
import { rangeParameters, variableParameters } from './interpolate';

export interface ResolvedLink {
  title: string;
  href: string;
  target?: '_blank';
  tooltip?: string;
  icon?: string;
}

export interface LinkMenu {
  title: string;
  tooltip?: string;
  links: ResolvedLink[];
}

interface Kept {
  range: TimeRange;
  variables: Variable[];
}

function withKept(url: string, link: { keepTime?: boolean; includeVars?: boolean }, { range, variables }: Kept): string {
  const [address, hash] = url.split('#', 2);
  const [path, given] = address.split('?', 2);
  const query = new URLSearchParams(given);
  if (link.keepTime) {
    const { from, to } = rangeParameters(range);
    query.set('from', from);
    query.set('to', to);
  }
  if (link.includeVars) {
    for (const name of new Set(variableParameters(variables).map(([key]) => key))) {
      query.delete(name);
    }
    for (const [name, value] of variableParameters(variables)) {
      query.append(name, value);
    }
  }
  const text = query.toString();
  return `${path}${text ? `?${text}` : ''}${hash ? `#${hash}` : ''}`;
}

const BLANK = 'about:blank';

/** The address, unless it is a script or the like. (The sanitised text itself has lost its escapes.) */
export function safeUrl(url: string): string {
  return textUtil.sanitizeUrl(url) === BLANK ? BLANK : url;
}

/** A dashboard's links; those with tags lead to each dashboard that has all of the tags, but the one that is shown. */
export function dashboardLinks(links: DashboardLink[] | undefined, meta: Meta, uid: string, replace: InterpolateFunction, kept: Kept): Array<ResolvedLink | LinkMenu> {
  return (links ?? []).flatMap((link): Array<ResolvedLink | LinkMenu> => {
    const title = replace(link.title);
    const tooltip = link.tooltip ? replace(link.tooltip) : undefined;
    const target = link.targetBlank ? '_blank' : undefined;
    if (link.type === 'link') {
      return [{ title, tooltip, target, icon: link.icon, href: safeUrl(withKept(replace(link.url ?? '', undefined, 'percentencode'), link, kept)) }];
    }
    const tagged = meta.dashboards
      .filter((d) => d.uid !== uid && (link.tags ?? []).every((tag) => d.tags.includes(tag)))
      .map((d): ResolvedLink => ({ title: d.title, tooltip, target, icon: 'apps', href: withKept(`/d/${encodeURIComponent(d.uid)}`, link, kept) }));
    return link.asDropdown ? [{ title, tooltip, links: tagged }] : tagged;
  });
}
