/** Must run before @grafana/ui is loaded, which reads the settings that Grafana's own page carries. */
(window as unknown as Record<string, unknown>).grafanaBootData = { settings: { featureToggles: {} }, user: {} };

export {};
