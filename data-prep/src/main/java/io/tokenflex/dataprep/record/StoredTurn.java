package io.tokenflex.dataprep.record;

import io.tokenflex.samples.Role;
import java.io.Serializable;

/** A turn on its way between tasks. */
public record StoredTurn(Role role, String text) implements Serializable {}
