/**
 * The number of vision tokens chosen for each prompt: by an answer's confidence ({@link
 * io.tokenflex.adaptive.Cascade}) or before the first answer by pooled features ({@link
 * io.tokenflex.adaptive.Selector}); fitted on rows that no reported number uses ({@link
 * io.tokenflex.adaptive.CalibrationFit}).
 */
package io.tokenflex.adaptive;
