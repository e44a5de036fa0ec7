import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from "@mantine/core";

const pine: MantineColorsTuple = [
  "#e8f6f3", "#cfebe5", "#a3d8ce", "#74c4b6", "#4fb3a3", "#2f9c8c", "#1f8577", "#166f63", "#0f5b51", "#07423b",
]; // prettier-ignore

const gray: MantineColorsTuple = [
  "#f6f7f8", "#eef0f2", "#e3e6ea", "#d5dae0", "#c3c9d1", "#9aa3ae", "#75808c", "#56616d", "#363f48", "#1c2229",
]; // prettier-ignore

const dark: MantineColorsTuple = [
  "#dfe3e8", "#b4bcc6", "#98a2ad", "#6b7681", "#3d454e", "#2d343b", "#22282e", "#1a1f24", "#14181c", "#0e1114",
]; // prettier-ignore

/** One accent, neutral greys, 14 px text on a 4 px grid, radius 8; shadows only for what floats. */
export const theme = createTheme({
  colors: { pine, gray, dark },
  primaryColor: "pine",
  primaryShade: 7,
  autoContrast: true,
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Helvetica Neue', Arial, sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace",
  fontSizes: { xs: "0.75rem", sm: "0.875rem", md: "0.875rem", lg: "1rem", xl: "1.25rem" },
  lineHeights: { xs: "1.35", sm: "1.45", md: "1.45", lg: "1.5", xl: "1.4" },
  spacing: { xs: "0.5rem", sm: "0.75rem", md: "1rem", lg: "1.5rem", xl: "2rem" },
  radius: { xs: "0.25rem", sm: "0.375rem", md: "0.5rem", lg: "0.75rem", xl: "1rem" },
  defaultRadius: "md",
  headings: {
    fontWeight: "650",
    sizes: {
      h1: { fontSize: "1.375rem", lineHeight: "1.3" },
      h2: { fontSize: "1rem", lineHeight: "1.4" },
      h3: { fontSize: "0.875rem", lineHeight: "1.45" },
    },
  },
  cursorType: "pointer",
  components: {
    Button: {
      defaultProps: { size: "sm" },
      // Longer words go on a second line instead of being cut.
      styles: {
        root: {
          display: "inline-flex",
          alignItems: "center",
          justifyContent: "center",
          height: "auto",
          minHeight: "var(--button-height)",
          paddingBlock: 4,
        },
        // What hangs below the line is not cut either.
        label: { whiteSpace: "normal", overflow: "visible" },
      },
    },
    Modal: {
      defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.45 }, transitionProps: { duration: 120 } },
      styles: { title: { fontSize: "1rem", fontWeight: 650, overflowWrap: "anywhere" } },
    },
    Menu: { defaultProps: { shadow: "md", transitionProps: { duration: 100 } } },
    Tooltip: { defaultProps: { openDelay: 400, withArrow: true, multiline: true, maw: 320 } },
  },
});

/** The surfaces and text colours of both schemes, each pair with a contrast of at least 4.5. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-body": "#ffffff",
    "--mantine-color-text": "#1c2229",
    "--mantine-color-dimmed": "#5a6571",
    "--mantine-color-placeholder": "#68737f",
    "--mantine-color-error": "#b3261e",
    "--mantine-color-anchor": "#12665a",
    "--surface-canvas": "#f6f7f8",
    "--surface-raised": "#ffffff",
    "--surface-rail": "#eef0f2",
    "--surface-hover": "#f0f2f4",
    "--surface-selected": "#e4f2ef",
    "--surface-customer": "#ffffff",
    "--surface-page": "#dcefeb",
    "--line": "#e1e5e9",
    "--accent-text": "#12665a",
    "--good": "#17694a",
    "--good-surface": "#e2f3ea",
    "--look": "#7a4b00",
    "--look-surface": "#fdf0d8",
    "--act": "#a8211a",
    "--act-surface": "#fdecea",
    "--calm": "#4c5763",
    "--calm-surface": "#eceff2",
  },
  dark: {
    "--mantine-color-body": "#1a1f24",
    "--mantine-color-text": "#e0e4e9",
    "--mantine-color-dimmed": "#a0aab5",
    "--mantine-color-placeholder": "#8b96a1",
    "--mantine-color-error": "#ff9d94",
    "--mantine-color-anchor": "#6cc7b8",
    "--surface-canvas": "#14181c",
    "--surface-raised": "#1a1f24",
    "--surface-rail": "#101316",
    "--surface-hover": "#22282e",
    "--surface-selected": "#183430",
    "--surface-customer": "#262c33",
    "--surface-page": "#173d37",
    "--line": "#2a3138",
    "--accent-text": "#6cc7b8",
    "--good": "#7fd6ae",
    "--good-surface": "#16332a",
    "--look": "#f0c274",
    "--look-surface": "#3a2d14",
    "--act": "#ffa79f",
    "--act-surface": "#431d1b",
    "--calm": "#aeb7c1",
    "--calm-surface": "#262c33",
  },
});
