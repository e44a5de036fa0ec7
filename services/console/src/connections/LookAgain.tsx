import { Button, type ButtonProps, Text, Tooltip } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { answer, api } from "../api/client";
import { RequestFailed } from "../api/request_failed";
import { mayManage, useSignedIn } from "../session/me";

interface LookAgainProps extends Pick<ButtonProps, "variant" | "size"> {
  label?: string;
}

/** Asks Facebook again for the person's Pages, and goes where one sees it happen. */
export function LookAgain({ variant = "default", size = "sm", label }: LookAgainProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const isAllowed = mayManage(useSignedIn());
  const look = useMutation({
    mutationFn: () => answer(api.POST("/api/facebook/auto-connect", { params: { query: { wait: 0 } } })),
    onSuccess: started => "run" in started && navigate({ to: "/connect/$run", params: { run: started.run.id } }),
  });
  return (
    <div>
      <Tooltip label={isAllowed ? t("connections.lookHint") : t("failed.forbidden")}>
        <Button
          variant={variant}
          size={size}
          fullWidth
          loading={look.isPending}
          onClick={() => isAllowed && look.mutate()}
          aria-disabled={!isAllowed}
        >
          {label ?? t("connections.look")}
        </Button>
      </Tooltip>
      {look.isError && (
        <Text role="alert" size="xs" mt={4} c="var(--mantine-color-error)">
          {whyNot(look.error) ?? t("connections.lookFailed")}
        </Text>
      )}
    </div>
  );
}

/** Without a Facebook login the gateway says what to do first. */
function whyNot(error: unknown): string | null | undefined {
  return error instanceof RequestFailed && error.status === 409 ? error.problem.detail : null;
}
