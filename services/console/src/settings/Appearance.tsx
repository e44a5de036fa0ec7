import { Input, SegmentedControl, Stack, Switch, useMantineColorScheme } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { demoPeople } from "../login/demo_people";
import { useSignedIn } from "../session/me";
import { chosenLanguage, testLongWords, testsLongWords } from "../words/chosen_language";
import { speak } from "../words/i18n";

const SCHEMES = ["auto", "light", "dark"] as const;

/** How this browser shows it. */
export function Appearance() {
  const { t } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Stack gap="md" align="flex-start">
      <Input.Wrapper label={t("settings.scheme")} labelElement="div">
        <div>
          <SegmentedControl
            aria-label={t("settings.scheme")}
            value={colorScheme}
            onChange={scheme => setColorScheme(scheme as (typeof SCHEMES)[number])}
            data={SCHEMES.map(value => ({ value, label: t(`settings.schemes.${value}`) }))}
          />
        </div>
      </Input.Wrapper>
      {demoPeople().length > 0 && <LongWords />}
    </Stack>
  );
}

/** Only in the dev stack: words 40 % longer, to see what they break. */
function LongWords() {
  const { t } = useTranslation();
  const { account } = useSignedIn();
  const [isOn, setIsOn] = useState(testsLongWords);
  return (
    <Switch
      label={t("settings.languages.en-XA")}
      description={t("settings.pseudoHint")}
      checked={isOn}
      onChange={event => {
        setIsOn(event.currentTarget.checked);
        testLongWords(event.currentTarget.checked);
        void speak(chosenLanguage(account.language));
      }}
    />
  );
}
