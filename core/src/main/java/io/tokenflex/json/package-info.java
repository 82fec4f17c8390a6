/** JSON of published models, as the Python that wrote it reads it. */
package io.tokenflex.json;
