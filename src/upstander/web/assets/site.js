// What JavaScript adds: GOV.UK Frontend's behaviours, passkeys, a week to choose from, maps that move, and pages that
// look again. Every page works without it.

import { Button, createAll, ErrorSummary, ServiceNavigation, SkipLink } from "govuk-frontend";

import { watchMoving } from "./moving.js";
import { watchPasskeys } from "./passkeys.js";
import { watchWeek } from "./week.js";
import { watchUpload } from "./uploading.js";
import { watchWork } from "./work.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
createAll(Button, { preventDoubleClick: true });
createAll(ErrorSummary);
createAll(ServiceNavigation);
createAll(SkipLink);
watchPasskeys();
watchWeek();
watchMoving();
watchUpload();
watchWork();
