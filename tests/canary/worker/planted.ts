/** Mistakes that the worker's type check has to find: there is no DOM in a worker. */
export const title = document.title; // planted: no document
export const width = window.innerWidth; // planted: no window
export const kept = localStorage.getItem('x'); // planted: no localStorage
