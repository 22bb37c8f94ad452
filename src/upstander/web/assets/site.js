// What JavaScript adds: GOV.UK Frontend's behaviours, passkeys, and pages that look again. Every page works without it.

import { Button, createAll, ErrorSummary, ServiceNavigation, SkipLink } from "govuk-frontend";

import { watchPasskeys } from "./passkeys.js";
import { watchUpload } from "./uploading.js";
import { watchWork } from "./work.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
createAll(Button, { preventDoubleClick: true });
createAll(ErrorSummary);
createAll(ServiceNavigation);
createAll(SkipLink);
watchPasskeys();
watchUpload();
watchWork();
