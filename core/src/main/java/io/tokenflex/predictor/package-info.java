/** A trained model behind DJL's {@code Criteria} and {@code Predictor}. */
package io.tokenflex.predictor;
