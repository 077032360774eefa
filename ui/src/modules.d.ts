declare module 'virtual:icons' {
  /** SVG text of each icon by its path below `img/icons/`. */
  const icons: Record<string, string>;
  export default icons;
}

declare module '*.css';
