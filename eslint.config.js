/** Lint rules. Type-aware where TypeScript knows the file; one set of globals per context. */
import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

const TYPED = ['**/*.ts', '**/*.svelte'];

/** Focused or skipped tests never land: a green run must mean that every test ran. */
const NO_FOCUS = [
  {
    selector:
      'MemberExpression[object.name=/^(describe|it|test|suite)$/][property.name=/^(only|skip|todo|fixme|skipIf|runIf)$/]',
    message: 'A focused or skipped test does not land.',
  },
];

/** `style:` directives go through the CSSOM; an attribute would need an exception in the content security policy. */
const NO_STYLE_ATTRIBUTE = {
  selector: "SvelteAttribute[key.name='style']",
  message: 'Use a class or a style: directive: style attributes are blocked by the content security policy.',
};

const SHARED_RULES = {
  'no-console': 'error',
  'no-empty': ['error', { allowEmptyCatch: false }],
  eqeqeq: 'error',
  'no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
  'no-restricted-syntax': ['error', ...NO_FOCUS],
  'max-lines': ['error', { max: 450 }],
  'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
};

export default ts.config(
  { ignores: ['dist/', 'node_modules/', 'data/', 'test-results/', 'playwright-report/', 'tests/canary/', '.cache/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  { rules: SHARED_RULES },
  {
    files: TYPED,
    extends: [ts.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname, extraFileExtensions: ['.svelte'] },
    },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/ban-ts-comment': ['error', { 'ts-expect-error': 'allow-with-description' }],
      // TypeScript itself reports unknown names, and knows the globals of each context.
      'no-undef': 'off',
    },
  },
  ...svelte.configs.recommended,
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser } },
    rules: {
      'no-restricted-syntax': ['error', ...NO_FOCUS, NO_STYLE_ATTRIBUTE],
      'svelte/no-at-html-tags': 'error',
      'svelte/button-has-type': 'error',
    },
  },
  { files: ['src/**'], languageOptions: { globals: globals.browser } },
  { files: ['workers/**'], languageOptions: { globals: globals.worker } },
  { files: ['server/**', 'tests/**', '*.js', '*.ts'], languageOptions: { globals: globals.node } },
  // Scripts that drive a browser hold functions that run in its pages.
  { files: ['tests/**/*.mjs'], languageOptions: { globals: globals.browser } },
  // The two places that may write to the console: everything else goes through them.
  { files: ['src/lib/log.ts', 'server/log.ts'], rules: { 'no-console': 'off' } },
  // Command-line programs and tests talk to the person who started them.
  { files: ['**/*.mjs', 'tests/**'], ignores: ['tests/canary/**'], rules: { 'no-console': 'off' } },
  {
    files: ['tests/**/*.ts'],
    rules: {
      // describe() holds a whole subject; its tests are the functions that should stay short.
      'max-lines-per-function': 'off',
      // Doubles and suites take ports apart; these are objects of closures, and their methods do not use `this`.
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  // Formatting belongs to Prettier; nothing here may argue with it.
  ...svelte.configs.prettier,
);
