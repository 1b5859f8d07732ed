/** Text files imported as strings; Vite puts them into the bundle. */
declare module '*.txt?raw' {
  const text: string;
  export default text;
}
