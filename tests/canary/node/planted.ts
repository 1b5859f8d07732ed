/** Mistakes that the gateway's type check has to find. */
import { createServer } from 'node:http';

export const server: string = createServer(); // planted: wrong type
export const title = document.title; // planted: no document
