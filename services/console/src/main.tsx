import "@mantine/core/styles.css";
import "./theme/base.css";

import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { setNonce } from "get-nonce";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { whenSessionEnds } from "./api/client";
import { queryClient } from "./query_client";
import { router } from "./router";
import { cssVariables, theme } from "./theme/theme";
import { chosenLanguage } from "./words/chosen_language";
import { speak } from "./words/i18n";

/** The only nonce that this response's content security policy allows styles with. */
const nonce = document.querySelector('meta[name="csp-nonce"]')?.getAttribute("content") ?? "";
setNonce(nonce);

whenSessionEnds(() => {
  const { pathname, href } = router.state.location;
  if (pathname === "/login") return;
  queryClient.cancelQueries().catch(() => {});
  void router.navigate({ to: "/login", search: { return_to: href, ended: true } }).then(() => queryClient.clear());
});

function render(root: HTMLElement): void {
  createRoot(root).render(
    <StrictMode>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={cssVariables}
        defaultColorScheme="auto"
        getStyleNonce={() => nonce}
      >
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}

const root = document.getElementById("root");
if (root) void speak(chosenLanguage(navigator.language)).then(() => render(root));
