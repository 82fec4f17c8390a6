/**
 * What a cluster's executors have, how fast it is, and what of it does not fit together: {@link
 * io.tokenflex.jobs.doctor.DoctorJob} asks each rank, {@link io.tokenflex.jobs.doctor.Diagnosis}
 * compares.
 */
package io.tokenflex.jobs.doctor;
