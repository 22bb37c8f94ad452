// What JavaScript adds: GOV.UK Frontend's behaviours, and passkeys. Every page works without it.

import { Button, createAll, ErrorSummary, ServiceNavigation, SkipLink } from "govuk-frontend";

import { watchPasskeys } from "./passkeys.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
createAll(Button, { preventDoubleClick: true });
createAll(ErrorSummary);
createAll(ServiceNavigation);
createAll(SkipLink);
watchPasskeys();
