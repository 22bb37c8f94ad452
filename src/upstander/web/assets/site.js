// What JavaScript adds: GOV.UK Frontend's behaviours, and passkeys, the week to choose from, maps that move. Every page works without it.

import { Button, createAll, ErrorSummary, ServiceNavigation, SkipLink } from "govuk-frontend";

import { watchMoving } from "./moving.js";
import { watchPasskeys } from "./passkeys.js";
import { watchWeek } from "./week.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
createAll(Button, { preventDoubleClick: true });
createAll(ErrorSummary);
createAll(ServiceNavigation);
createAll(SkipLink);
watchPasskeys();
watchWeek();
watchMoving();
